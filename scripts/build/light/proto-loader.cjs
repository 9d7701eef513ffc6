'use strict'
// Services come from generated code; grpc-js parses a .proto file only for services of its own that nothing here offers.
module.exports = {
  loadSync: () => {
    throw new Error('No .proto file is parsed at run time')
  },
}
