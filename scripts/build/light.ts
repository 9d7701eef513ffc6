import { join } from 'node:path'
import type { Plugin } from 'esbuild'

const folder = join(import.meta.dirname, 'light')

/** Modules that are slow to load, each with the package that asks for it and what does as well for our use of that package. */
const lighter = [
  { module: /^(node:)?http2$/, askedBy: '@hono/node-server', instead: 'http2.cjs' },
  { module: /^(node:)?http2$/, askedBy: 'undici', instead: 'http2.cjs' },
  { module: /^(node:)?tls$/, askedBy: 'postgres', instead: 'tls.cjs' },
  { module: /^@grpc\/proto-loader$/, askedBy: '@grpc/grpc-js', instead: 'proto-loader.cjs' },
  { module: /\/base64-encoding\.js$/, askedBy: '@bufbuild/protobuf', instead: 'base64.ts' },
  { module: /\/locales\/index\.js$/, askedBy: 'zod', instead: 'zod-locales.ts' },
]

/** Puts lighter modules in place of some that would cost a cold start time and memory for nothing. */
export const lightModules: Plugin = {
  name: 'light-modules',
  setup: (bundling) => {
    for (const { module, askedBy, instead } of lighter) {
      const path = join(folder, instead)
      bundling.onResolve({ filter: module }, ({ importer }) => (importer.includes(`/node_modules/${askedBy}/`) ? { path } : undefined))
    }
  },
}

/** Options by which a bundle does without Node's classes of the Fetch standard, which bring a whole HTTP client with them. */
export const lightFetch = {
  inject: [join(folder, 'fetch.ts')],
  // @hono/node-server has its own when there is none.
  define: { 'globalThis.CloseEvent': 'undefined' },
}
