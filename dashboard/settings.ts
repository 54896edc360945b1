import { effect, signal } from '@preact/signals';
import type { Zone } from './format.ts';

export type Theme = 'auto' | 'light' | 'dark';

/** Kept in this browser. */
export const theme = signal<Theme>(stored('theme', ['auto', 'light', 'dark']));
/** Times are shown in this zone. */
export const zone = signal<Zone>(stored('zone', ['local', 'utc']));
/** Whether pages ask again by themselves. */
export const isLive = signal(stored('live', ['on', 'off']) === 'on');
/** Who makes silences in this browser; empty before the first one. */
export const creator = signal(read(() => localStorage.getItem('emberwatch.creator')) ?? '');
/** For this tab only; sent with each request. Empty: none. */
export const token = signal(read(() => sessionStorage.getItem('emberwatch.token')) ?? '');

effect(() => {
  if (theme.value === 'auto') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.dataset.theme = theme.value;
  store('theme', theme.value);
});
effect(() => store('creator', creator.value));
effect(() => store('zone', zone.value));
effect(() => store('live', isLive.value ? 'on' : 'off'));
effect(() => {
  const { value } = token;
  read(() => sessionStorage.setItem('emberwatch.token', value));
});

function stored<const T extends string>(name: string, choices: readonly T[]): T {
  const text = read(() => localStorage.getItem(`emberwatch.${name}`));
  return choices.find((choice) => choice === text) ?? choices[0];
}

function store(name: string, value: string): void {
  read(() => localStorage.setItem(`emberwatch.${name}`, value));
}

/** Browsers that keep nothing throw at the mere access. */
function read<T>(access: () => T): T | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
