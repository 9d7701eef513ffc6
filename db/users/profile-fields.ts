import * as z from 'zod'

// PostgreSQL refuses NUL and lone surrogates; a name has no use for any other control character either.
const PRINTABLE = /^[^\p{Cc}\p{Cs}]*$/u

/** A person's full name, without blanks around it. */
export const personName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(PRINTABLE, 'must not contain control characters')
  .meta({ description: 'Full name, as the person writes it', examples: ['Ada Lovelace'] })

/** A phone number in E.164 notation. */
export const phoneNumber = z
  .string()
  .regex(/^\+[1-9][0-9]{6,14}$/, 'must be a number in international notation, such as +4930123456')
  .meta({ description: 'Phone number in E.164 notation', examples: ['+4930123456'] })
