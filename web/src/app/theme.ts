/** The chosen theme: shown, and remembered where the browser lets a page remember. */
import type { Theme } from '../state/app.ts';

const KEY = 'logitscope-theme';

export function storedTheme(): Theme {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'light' || theme === 'dark' ? theme : 'auto';
  } catch {
    return 'auto';
  }
}

/** The style sheet follows before any view does, so that what is drawn finds the new colours. */
export function showTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

export function rememberTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is refused here; the theme lasts as long as the page.
  }
}
