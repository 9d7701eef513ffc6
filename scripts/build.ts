import { bundle } from './build/bundle.ts'

const started = performance.now()
const changed = await bundle()
console.log(`bundled to dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s, ${changed.length} changed`)
