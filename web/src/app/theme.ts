/** The chosen theme, remembered where the browser lets a page remember. */
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

export function rememberTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is refused here; the theme lasts as long as the page.
  }
}
