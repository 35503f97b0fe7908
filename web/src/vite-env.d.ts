/// <reference types="vite/client" />

/** The loader of the build with threads, relative to the built scripts; see tools/own-files.ts. */
declare const THREADS_LOADER: string;
