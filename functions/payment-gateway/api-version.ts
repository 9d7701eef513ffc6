/** The version of Stripe's API whose shapes the gateway speaks: the one that the official SDK is pinned to. */
export const API_VERSION = '2026-10-28.endive'
