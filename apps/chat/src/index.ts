/**
 * The chat service: channels, their history, and who is present.
 *
 * @module
 */
export { createChatApp } from './app.ts'
export type { ChatApp, ChatAppOptions, ChatStorage } from './app.ts'
export { chatConfigSchema } from './config.ts'
export type { ChatConfig } from './config.ts'
