'use strict'
// TLS is loaded when a connection asks for it.
module.exports = { connect: (...options) => require('node:tls').connect(...options) }
