/** The largest body a request may have where nothing else is said. */
export const MAX_BODY_BYTES = 1024 * 1024
