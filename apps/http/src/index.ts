/**
 * The http service: accounts, tokens and the list of gates. Takes no part in game traffic.
 *
 * @module
 */
export { createHttpApp } from './app.ts'
export type { HttpApp, HttpAppOptions, HttpCluster, HttpStorage } from './app.ts'
export { httpConfigSchema } from './config.ts'
export type { HttpConfig } from './config.ts'
