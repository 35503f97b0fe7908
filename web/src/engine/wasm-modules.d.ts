/** The loaders that the build of the core writes; they carry no types of their own. */
declare module '@wasm/*.mjs' {
  const factory: import('@core').CoreFactory;
  export default factory;
}
