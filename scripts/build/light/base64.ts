// The decoder of protobuf-es runs hot enough on the descriptors in generated code to have V8's optimizing compiler loaded: 5 MB.

/** Decodes base64 or base64url, padded or not. */
export const base64Decode = (text: string): Uint8Array => Buffer.from(text, 'base64')

/** Encodes as base64, with padding or (`std_raw`) without, or as base64url. */
export function base64Encode(bytes: Uint8Array, encoding: 'std' | 'std_raw' | 'url' = 'std'): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding === 'url' ? 'base64url' : 'base64')
  return encoding === 'std_raw' ? text.replace(/=+$/, '') : text
}
