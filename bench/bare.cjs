'use strict'
// The limit of a cold start: nothing but node:http, which answers with a constant.
const { writeSync } = require('node:fs')
const { createServer } = require('node:http')

const server = createServer((_, response) => response.end('ok'))
server.listen(Number(process.env.PORT), process.env.HOST, () => {
  writeSync(1, `${JSON.stringify({ port: server.address().port, msg: 'listening' })}\n`)
})
