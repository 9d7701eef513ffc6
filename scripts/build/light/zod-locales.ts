// Zod speaks 50 languages; answers are given in this one.
export { default as en } from 'zod/v4/locales/en.js'
