import { useEffect, useRef, useState } from 'preact/hooks';
import { metricNames } from '../api.ts';

const MAX_SUGGESTIONS = 12;
const TYPING_PAUSE_MS = 150;

interface ExpressionProps {
  /** Unique on the page. */
  readonly id: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onRun: () => void;
  readonly isRunning: boolean;
}

/** The name at the cursor, which a suggestion replaces. */
interface Word {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Where a query is typed: Enter runs it, names of metrics are suggested. */
export function ExpressionInput({ id, text, onText, onRun, isRunning }: ExpressionProps) {
  const input = useRef<HTMLTextAreaElement>(null);
  const suggestions = useSuggestions();
  const { names, active, word } = suggestions;
  useEffect(() => {
    const element = input.current!;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [text]);
  const accept = (name: string) => {
    onText(text.slice(0, word!.start) + name + text.slice(word!.end));
    const cursor = word!.start + name.length;
    suggestions.close();
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(cursor, cursor);
    });
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      suggestions.open(wordAt(text, input.current!.selectionStart), { atOnce: true });
    } else if (names.length > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      suggestions.move(event.key === 'ArrowDown' ? 1 : -1);
    } else if (names.length > 0 && event.key === 'Escape') {
      suggestions.close();
    } else if (active >= 0 && (event.key === 'Enter' || event.key === 'Tab')) {
      event.preventDefault();
      accept(names[active]);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      suggestions.close();
      onRun();
    }
  };
  return (
    <div class="expression-box">
      <textarea
        ref={input}
        id={`${id}-expression`}
        class="expression"
        rows={1}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        placeholder="Expression, such as rate(http_requests_total[5m])"
        aria-label="Expression"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={names.length > 0}
        aria-controls={`${id}-names`}
        aria-activedescendant={active >= 0 ? `${id}-name-${active}` : undefined}
        value={text}
        onInput={(event) => {
          const { value, selectionStart } = event.currentTarget;
          onText(value);
          suggestions.open(wordAt(value, selectionStart), { atOnce: false });
        }}
        onKeyDown={keyDown}
        onBlur={() => suggestions.close()}
      />
      <button type="button" class="primary" onClick={onRun} aria-busy={isRunning}>
        {isRunning ? 'Running…' : 'Run'}
      </button>
      <div class="suggestions" id={`${id}-names`} role="listbox" aria-label="Metrics" hidden={names.length === 0}>
        {names.map((name, i) => (
          <div
            key={name}
            id={`${id}-name-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === active}
            // Before the input loses the focus, which closes the list.
            onMouseDown={(event) => {
              event.preventDefault();
              accept(name);
            }}
          >
            {name}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Names of metrics for a word: asked for when typing pauses, few at a time, an older request is cancelled. */
function useSuggestions() {
  const [state, setState] = useState<{ names: readonly string[]; active: number; word?: Word }>({
    names: [],
    active: -1,
  });
  const pending = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => pending.current?.abort(), []);
  const close = () => {
    pending.current?.abort();
    setState({ names: [], active: -1 });
  };
  const open = (word: Word | undefined, { atOnce }: { readonly atOnce: boolean }) => {
    pending.current?.abort();
    if (word === undefined || (!atOnce && word.text.length < 2)) return close();
    const canceller = new AbortController();
    pending.current = canceller;
    const ask = async () => {
      // Suggestions are a help only: without an answer there are none.
      const names = await metricNames(word.text, MAX_SUGGESTIONS, canceller.signal).catch(() => []);
      if (canceller.signal.aborted) return;
      setState({ names: names.filter((name) => name !== word.text), active: -1, word });
    };
    const timer = setTimeout(ask, atOnce ? 0 : TYPING_PAUSE_MS);
    canceller.signal.addEventListener('abort', () => clearTimeout(timer));
  };
  const move = (by: 1 | -1) => {
    setState((last) => {
      const count = last.names.length;
      return { ...last, active: (Math.max(last.active, by === 1 ? -1 : 0) + by + count) % count };
    });
  };
  return { ...state, open, close, move };
}

/** @returns `undefined` inside quotes and braces, where no metric's name is wanted. */
function wordAt(text: string, cursor: number): Word | undefined {
  const before = text.slice(0, cursor);
  const [start = ''] = /[a-zA-Z_:][a-zA-Z0-9_:]*$/.exec(before) ?? [];
  const [rest = ''] = /^[a-zA-Z0-9_:]*/.exec(text.slice(cursor)) ?? [];
  const outside = before.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '');
  const isInside = /["'][^"']*$|\{[^}]*$|\[[^\]]*$/.test(outside);
  if (isInside) return undefined;
  return { start: cursor - start.length, end: cursor + rest.length, text: start + rest };
}
