import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { buildahCommands } from './cluster/buildah.ts'

// Skaffold's custom build: it says by environment variables what the image is to be called, and whether to push it.

const [name = ''] = process.argv.slice(2)
const { IMAGE = '', PUSH_IMAGE = 'false', PLATFORMS, KIND_CLUSTER = 'shop' } = process.env
if (!name || !IMAGE) {
  console.error(
    'Usage: IMAGE=<repository:tag> [PUSH_IMAGE=true] [PLATFORMS=linux/arm64] [BASE_IMAGE=…] [KIND_CLUSTER=none] node scripts/build-image.ts <function>',
  )
  process.exit(2)
}
const base = { baseImage: process.env['BASE_IMAGE'], buildImage: process.env['BUILD_IMAGE'] }
const cluster = KIND_CLUSTER === 'none' ? undefined : KIND_CLUSTER
for (const [tool, ...args] of buildahCommands({
  name,
  image: IMAGE,
  push: PUSH_IMAGE === 'true',
  platforms: PLATFORMS,
  cluster,
  ...base,
})) {
  console.log(`${tool} ${args.join(' ')}`)
  execFileSync(tool, args, { cwd: join(import.meta.dirname, '..'), stdio: 'inherit' })
}
