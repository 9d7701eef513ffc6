// Node reads TypeScript only from 22.18 on: this is plain JavaScript, so that an older one can say what is wrong.
const [major = 0] = process.versions.node.split('.').map(Number)

if (major < 24) {
  console.error(
    `This needs Node 24, and this is Node ${process.versions.node}. On Linux "npm ci" brings its own, which npm scripts then use; ` +
      'on macOS and Windows install Node 24 or open the dev container.',
  )
  process.exit(1)
}
