/**
 * The gate: holds client connections, checks their sessions, passes requests to the servers that answer them, and
 * hands pushes out.
 *
 * @module
 */
export { createGateApp } from './app.ts'
export type { GateApp, GateAppOptions, GateStorage } from './app.ts'
export { gateConfigSchema } from './config.ts'
export type { GateConfig } from './config.ts'
export type { HandshakeRefusal, HandshakeValidator } from './packet/handshake.ts'
