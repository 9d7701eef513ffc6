import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { functionNames } from '../topology.ts'
import { lightFetch, lightModules } from './light.ts'

const root = join(import.meta.dirname, '../..')

/** What is a bundle of its own, which a function reads when it first imports it: late, or never. */
const apart: Readonly<Record<string, string>> = { telemetry: '#shared/telemetry/sdk.ts', stripe: 'stripe' }

const importedLate: Plugin = {
  name: 'imported-late',
  setup: (bundling) => {
    for (const [name, path] of Object.entries(apart)) {
      bundling.onResolve({ filter: new RegExp(`^${path}$`) }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: `./${name}.cjs`, external: true } : undefined,
      )
    }
  },
}

const wrapper = '(function (exports, require, module, __filename, __dirname) {'

const options: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  // On Node 24 a CommonJS entry starts about 30 ms sooner than an ES module.
  format: 'cjs',
  mainFields: ['module', 'main'],
  charset: 'ascii',
  sourcemap: 'linked',
  // Not minified: an uncaught error shows the line it came from, which in a minified bundle is the whole bundle.
  minify: false,
  legalComments: 'none',
  logLevel: 'warning',
  supported: { 'dynamic-import': false },
  // Parts of OpenTelemetry make their own `require` from it, and CommonJS has none.
  define: { 'import.meta.url': 'bundleUrl' },
  // What the loader runs is a function, as of any CommonJS module; to wrap the text there would copy a megabyte.
  banner: { js: `${wrapper}const bundleUrl = require('node:url').pathToFileURL(__filename).href` },
  footer: { js: '})' },
  plugins: [importedLate, lightModules],
  write: false,
}

/**
 * Bundles functions to `dist/<name>/main.cjs` and what stands beside it; returns the names of those whose code changed.
 * A code cache made for other code is removed.
 */
export async function bundle(names: readonly string[] = functionNames, dist = join(root, 'dist')): Promise<string[]> {
  const late = new Map<string, ReturnType<typeof outputs>>()
  const lateOutputs = (other: string, path: string) => {
    const known = late.get(other) ?? outputs({ entryPoints: { [other]: path } })
    late.set(other, known)
    return known
  }
  const changed = await Promise.all(
    names.map(async (name) => {
      const folder = join(dist, name)
      await mkdir(folder, { recursive: true })
      const app = await outputs({
        entryPoints: { app: `functions/${name}/main.ts` },
        ...lightFetch,
        define: { ...options.define, ...lightFetch.define },
      })
      const used = Object.entries(apart).filter(([other]) => app.some(([, text]) => text.includes(`require("./${other}.cjs")`)))
      const files = [...app, ...(await Promise.all(used.map((other) => lateOutputs(...other)))).flat()]
      const replaced = await Promise.all(files.map(([file, text]) => replace(join(folder, file), text)))
      await copyFile(join(import.meta.dirname, 'loader.cjs'), join(folder, 'main.cjs'))
      if (name === 'edge') await copyAssets(folder)
      return replaced.includes(true)
    }),
  )
  return names.filter((_, index) => changed[index])
}

async function outputs(entry: Pick<BuildOptions, 'entryPoints' | 'inject' | 'define'>): Promise<[string, string][]> {
  const result = await build({ ...options, ...entry, outdir: 'dist', outExtension: { '.js': '.cjs' } })
  return (result.outputFiles ?? []).map((file) => [file.path.slice(file.path.lastIndexOf('/') + 1), toAscii(file.text)])
}

/** The loader reads Latin-1, and esbuild leaves comments and tagged templates (all our SQL) as they are: `–` becomes `\u2013`. */
const toAscii = (text: string) => text.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

async function replace(file: string, text: string): Promise<boolean> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return false
  // V8 checks little more of a cache than the length of its source: stale ones must go before the new code is there.
  await rm(`${file}.cache`, { force: true })
  await writeFile(file, text)
  return true
}

async function copyAssets(folder: string) {
  await cp(join(root, 'functions/edge/assets'), join(folder, 'assets'), { recursive: true })
  const scalar = join(root, 'node_modules/@scalar/api-reference/dist/browser/standalone.js')
  await copyFile(scalar, join(folder, 'assets/scalar.js'))
}
