import { LightHeaders } from './headers.ts'

// Node loads its whole HTTP client as soon as Request, Response or Headers is named: 20 ms and 12 MB of a cold function.
// Hono names all three when it is loaded, but for most requests it makes instances of Headers only.

type Class = new (...values: unknown[]) => object

/** A class that makes instances of another one, which is loaded when the first is wanted. */
const standIn = (load: () => Class): Class =>
  class {
    constructor(...values: unknown[]) {
      return Reflect.construct(load(), values) as object
    }
  }

// What a request accepts as its body is defined along with the response.
const loadResponse = () => (require('undici/lib/web/fetch/response.js') as { Response: Class }).Response
const loadRequest = () => loadResponse() && (require('undici/lib/web/fetch/request.js') as { Request: Class }).Request

// Assigned, because to define a property reads the one that is there, and that would load what this is to spare.
Object.assign(globalThis, { Headers: LightHeaders, Request: standIn(loadRequest), Response: standIn(loadResponse) })
