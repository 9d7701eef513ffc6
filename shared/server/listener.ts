/** A server that accepts requests. */
export type Listener = {
  /** The port it is bound to, also when it was asked for port 0. */
  readonly port: number
  /** Stops accepting and resolves when the requests under way are answered; after `drainMs` the rest is cut. */
  readonly close: (drainMs: number) => Promise<void>
}
