/** The token of an `Authorization: Bearer …` header, if it is one. */
export const bearerToken = (header: string | undefined): string | undefined => header?.match(/^Bearer +([A-Za-z0-9._~+/=-]+)$/i)?.[1]
