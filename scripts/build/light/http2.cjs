'use strict'
// For libraries that name HTTP/2 but serve and call by HTTP/1.1 only.
module.exports = { Http2ServerRequest: class {}, constants: {} }
