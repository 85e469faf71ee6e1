type KnownFile = { bytes: number; sha256: string };

/** Filled in by vite.config.ts from the files themselves. */
declare const __TYPESET_FILES__: Record<'bold' | 'regular' | 'rare' | 'compiler', KnownFile>;

declare module '@myriaddreamin/typst-ts-web-compiler/wasm?url' {
  const url: string;
  export default url;
}
