/**
 * The game service: roles as actors, their rules and their data.
 *
 * @module
 */
export { createGameApp } from './app.ts'
export type { GameApp, GameAppOptions, GameStorage } from './app.ts'
export { gameConfigSchema } from './config.ts'
export type { GameConfig } from './config.ts'
export { loadTables } from './tables/load-tables.ts'
export type { Tables } from './tables/tables.ts'
