import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A program and its arguments. */
export type Command = readonly [string, ...string[]]

export type ImageBuild = {
  readonly name: string
  /** The repository with the tag. */
  readonly image: string
  readonly push: boolean
  readonly platforms?: string | undefined
  /** The kind cluster that gets an image which is not pushed. */
  readonly cluster?: string | undefined
  readonly baseImage?: string | undefined
  readonly buildImage?: string | undefined
}

/** What builds an image without a Docker daemon and brings it to where it runs, one command after the other. */
export function buildahCommands({ name, image, push, platforms, cluster, baseImage, buildImage }: ImageBuild): Command[] {
  const what = name === 'migrate' ? ['--target', 'migrate'] : ['--build-arg', `FUNCTION=${name}`]
  const bases = [
    ...(baseImage ? ['--build-arg', `BASE_IMAGE=${baseImage}`] : []),
    ...(buildImage ? ['--build-arg', `BUILD_IMAGE=${buildImage}`] : []),
  ]
  const isolation = ['--isolation', 'chroot', '--layers']
  const build: Command = [
    'buildah',
    'build',
    ...isolation,
    ...bases,
    ...what,
    ...(platforms ? ['--platform', platforms] : []),
    '--tag',
    image,
    '.',
  ]
  if (push) return [build, ['buildah', 'push', image]]
  if (!cluster) return [build]
  const archive = join(tmpdir(), `${image.replaceAll(/[^a-z0-9.-]/g, '_')}.tar`)
  return [
    build,
    ['buildah', 'push', image, `docker-archive:${archive}:${image}`],
    ['kind', 'load', 'image-archive', archive, '--name', cluster],
  ]
}
