import { base64Decode as decode, base64Encode as encode } from '@bufbuild/protobuf/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { base64Decode, base64Encode } from './base64.ts'

test('bytes are encoded and decoded as protobuf-es does it', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom('std' as const, 'std_raw' as const, 'url' as const), (bytes, encoding) => {
      const text = base64Encode(bytes, encoding)
      expect(text).toBe(encode(bytes, encoding))
      expect(new Uint8Array(base64Decode(text))).toEqual(decode(text))
    }),
  )
})
