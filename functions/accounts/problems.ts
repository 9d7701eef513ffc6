import { Problem, type ProblemType } from '#shared/problem/problem.ts'

const types = {
  emailTaken: { code: 'email-taken', status: 409, title: 'There is an account with this email' },
  wrongCredentials: { code: 'wrong-credentials', status: 401, title: 'The email or the password is wrong' },
  tooManyFailures: { code: 'too-many-failures', status: 429, title: 'Too many failed logins' },
  sessionOver: { code: 'session-over', status: 401, title: 'The session is over: log in again' },
} as const satisfies Record<string, ProblemType>

const challenge = { 'www-authenticate': 'Bearer' }

/** Registering an email twice. */
export const emailTaken = () => new Problem(types.emailTaken)

/** A failed login: the same for an unknown email and for a wrong password. */
export const wrongCredentials = () => new Problem(types.wrongCredentials, undefined, { headers: challenge })

/** A login after too many failed ones for the same email. */
export const tooManyFailures = (retryAfterSeconds: number) =>
  new Problem(types.tooManyFailures, `Try again in ${retryAfterSeconds} seconds`, { headers: { 'retry-after': String(retryAfterSeconds) } })

/** A refresh token that is unknown, expired or used, or whose session has ended. */
export const sessionOver = () => new Problem(types.sessionOver, undefined, { headers: challenge })
