import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { lightFetch, lightModules } from '../light.ts'

test('a server answers without the HTTP client of Node, and still has whole requests and responses when it wants them', async () => {
  const program = `
    import { getRequestListener } from '@hono/node-server'
    import { createServer, request } from 'node:http'
    const client = () => process.moduleLoadList.includes('NativeModule internal/deps/undici/undici')
    const answer = async (request) => {
      if (request.method === 'GET') return Response.json({ client: client() }, { headers: { 'x-a': 'b' } })
      const copy = request.clone()
      const size = (await new Response(request.body).text()).length
      return Response.json({ size, same: (await copy.text()).length === size, type: request.headers.get('content-type'), client: client() })
    }
    const server = createServer(getRequestListener(answer)).listen(0, '127.0.0.1', async () => {
      for (const method of ['GET', 'POST']) await new Promise((resolve) => {
        const asked = { port: server.address().port, method, headers: { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' } }
        request(asked, (response) => response.on('data', (text) => console.log(response.headers['x-a'], String(text))).on('end', resolve)).end('body')
      })
      server.close()
    })`
  const outfile = join(await mkdtemp(join(tmpdir(), 'shop-light-')), 'server.cjs')
  onTestFinished(() => rm(dirname(outfile), { recursive: true }))
  const stdin = { contents: program, resolveDir: import.meta.dirname }
  await build({ stdin, outfile, bundle: true, platform: 'node', plugins: [lightModules], ...lightFetch })
  const { stdout } = await promisify(execFile)(process.execPath, [outfile])
  expect(stdout.trim().split('\n')).toEqual(['b {"client":false}', 'undefined {"size":4,"same":true,"type":"text/plain","client":false}'])
})
