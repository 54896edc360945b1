import { signal } from '@preact/signals';

/** Where the user is. */
export interface Place {
  readonly path: string;
  /** With the `?`, or empty. */
  readonly search: string;
}

/** The page that is shown; a signal, so that who reads it is drawn again when it changes. */
export const place = signal<Place>({ path: '/', search: '' });

/** Follows the browser's address, and makes links to pages of this site change it without loading anything. */
export function startRouter(): void {
  place.value = currentPlace();
  addEventListener('popstate', () => {
    place.value = currentPlace();
  });
  document.addEventListener('click', followLink);
}

function currentPlace(): Place {
  return { path: location.pathname, search: location.search };
}

/** Goes to a page of this site. @param replace Leaves no entry in the history. */
export function goTo(href: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (href === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  const pathBefore = place.value.path;
  place.value = currentPlace();
  if (place.value.path !== pathBefore) scrollTo(0, 0);
}

function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest('a');
  if (link === null || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return;
  if (link.pathname.startsWith('/api/') || link.hash !== '') return;
  event.preventDefault();
  goTo(link.pathname + link.search);
}
