import { useEffect, useRef, useState } from 'preact/hooks';
import { goTo, place } from '../router.ts';
import { QueryPanel } from './query-panel.tsx';
import { EMPTY_PANEL, type Panel, panelsFromSearch, panelsToSearch } from './url-state.ts';

/** Queries, each as a table or as a graph. The address holds them all. */
export function QueryPage() {
  const { search } = place.value;
  const panels = panelsFromSearch(search);
  const keys = usePanelKeys(panels.length);
  const show = (next: readonly Panel[]) => goTo(`/query${panelsToSearch(next)}`);
  useSlashFocus();
  return (
    <div class="stack">
      <h1 class="sr-only">Query</h1>
      {panels.map((panel, i) => (
        <QueryPanel
          key={keys.at(i)}
          id={`panel-${i}`}
          panel={panel}
          onChange={(next) => show(panels.with(i, next))}
          onDuplicate={() => {
            keys.insert(i + 1);
            show(panels.toSpliced(i + 1, 0, panel));
          }}
          onRemove={
            panels.length === 1
              ? undefined
              : () => {
                  keys.remove(i);
                  show(panels.toSpliced(i, 1));
                }
          }
        />
      ))}
      <p>
        <button type="button" onClick={() => show([...panels, EMPTY_PANEL])}>
          Add query
        </button>
      </p>
    </div>
  );
}

/** Keeps a panel the same component when another one is put in or taken out before it. */
function usePanelKeys(count: number) {
  const next = useRef(0);
  const [keys] = useState<number[]>([]);
  while (keys.length < count) keys.push(next.current++);
  keys.length = count;
  return {
    at: (index: number) => keys[index],
    insert: (index: number) => keys.splice(index, 0, next.current++),
    remove: (index: number) => keys.splice(index, 1),
  };
}

/** `/` goes to the first query, as on other sites. */
function useSlashFocus(): void {
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const isTyping = (event.target as Element).closest('input, textarea, select') !== null;
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      document.querySelector<HTMLTextAreaElement>('textarea.expression')?.focus();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);
}
