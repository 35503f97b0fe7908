/** Puts the page together: state, engine, recorded example, link; then renders. */
import { render } from 'preact';
import { builtinEntries } from './app/catalogue.ts';
import { readStore } from './app/fetch.ts';
import { applyFragment, followState } from './app/link.ts';
import { createPage } from './app/page.ts';
import { REMOTES } from './app/remotes.ts';
import { hasStored } from './app/stored.ts';
import { showTheme, storedTheme } from './app/theme.ts';
import { warm } from './app/warm.ts';
import { connectDownload, DownloadClient, hubEndpoint } from './download/client.ts';
import { EngineClient } from './engine/client.ts';
import { connectWorker } from './engine/connect.ts';
import recorded from './recorded.json';
import { initialState, type AppState } from './state/app.ts';
import type { Result } from './state/result.ts';
import { createStore } from './state/store.ts';
import './styles/index.css';
import { App } from './views/App.tsx';
import { PageContext } from './views/hooks.ts';

interface Recording {
  readonly text: string;
  readonly results: readonly { readonly model: string; readonly result: Result }[];
}

function firstState(): AppState {
  const { text, results } = recorded as unknown as Recording;
  const state: AppState = {
    ...initialState(),
    models: builtinEntries(),
    chosen: results.map(({ model }) => model),
    text,
    shownText: text,
    shown: results.map((one) => ({ ...one, json: null, milliseconds: null, heap: null })),
    theme: storedTheme(),
  };
  return applyFragment(state, location.hash, REMOTES);
}

const root = document.getElementById('root');
if (root !== null) {
  showTheme(storedTheme());
  const endpoint = hubEndpoint(document);
  const page = createPage({
    store: createStore(firstState()),
    engine: new EngineClient(connectWorker),
    downloads: new DownloadClient(connectDownload(endpoint)),
    endpoint,
    remotes: REMOTES,
  });
  followState(page);
  if (hasStored()) void readStore(page);
  addEventListener('hashchange', () => {
    page.store.set((state) => applyFragment(state, location.hash, REMOTES));
  });
  render(
    <PageContext.Provider value={page}>
      <App />
    </PageContext.Provider>,
    root,
  );
  void warm(page);
}
