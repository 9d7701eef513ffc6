import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { createApp } from '#shared/http/create-app.ts'
import { json, route } from '#shared/http/route.ts'
import { createLog } from '#shared/log/log.ts'
import { freePort } from '#shared/testing/port.ts'
import { startTelemetry } from './telemetry.ts'

const answer = { 200: json(z.object({}), 'Nothing much') }
const read = route({ method: 'get', path: '/things/{id}', access: 'public', responses: answer })
const make = route({ method: 'post', path: '/things', access: { roles: ['staff'] }, responses: answer })

test('no request is uncounted: the first scrape loads the SDK and tells of all before it, by route and status', async () => {
  const log = createLog('test', 'silent')
  const app = createApp({ name: 'things', log })
  app.openapi(read, (c) => c.json({}, 200))
  app.openapi(make, (c) => c.json({}, 200))
  const port = await freePort()
  const telemetry = startTelemetry('things', { host: '127.0.0.1', port, log })
  onTestFinished(telemetry.close)
  const ask = async (path: string, method = 'GET') => (await app.request(path, { method })).status
  const scrape = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    return response.text()
  }
  const counts = (text: string) =>
    [...text.matchAll(/^http_server_request_duration_seconds_count\{(.*?),url_scheme.*\} (\d+)$/gm)].map(([, labels, count]) => [
      labels?.replaceAll(/http_(request_|response_)?|"/g, ''),
      Number(count),
    ])

  expect([await ask('/things/1'), await ask('/things/2'), await ask('/things', 'POST'), await ask('/a'), await ask('/b')]).toEqual([
    200, 200, 401, 404, 404,
  ])
  expect(await ask('/things/1', 'BREW')).toBe(405)
  const first = await scrape()
  expect(counts(first)).toEqual([
    ['method=GET,route=/things/:id,status_code=200', 2],
    ['method=POST,route=/things,status_code=401', 1],
    ['method=GET,route=/*,status_code=404', 2],
    ['method=_OTHER,route=/*,status_code=405', 1],
  ])
  expect(first).toMatch(/^http_server_active_requests\{http_request_method="GET".*\} 0$/m)

  await ask('/things/3')
  expect(counts(await scrape())[0]).toEqual(['method=GET,route=/things/:id,status_code=200', 3])
})
