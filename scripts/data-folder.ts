import { mkdirSync } from 'node:fs'

/** Makes the folder unless it is there, closed to others. As root it lets PostgreSQL's account pass, but not look around. */
export function makeDataFolder(path: string) {
  mkdirSync(path, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
}
