/**
 * A typed client for Hydra: accounts over HTTP, everything else over one WebSocket. Runs in browsers and in Node.
 *
 * @module
 */
export { createAccountApi } from './account-api.ts'
export type { AccountApi, AccountApiOptions, Fetch } from './account-api.ts'
export { createChannelFeed } from './channel-feed.ts'
export type { ChannelFeed } from './channel-feed.ts'
export type { ChannelFeedOptions } from './channel-feed-options.ts'
export type { ClientClock } from './client-clock.ts'
export type { ClientIssue } from './client-issue.ts'
export type { CloseReason } from './close-reason.ts'
export { connect } from './connect.ts'
export type { ConnectOptions } from './connect.ts'
export type { GameClient } from './game-client.ts'
export { gateUrl } from './gate-url.ts'
export type { ListedGate } from './gate-url.ts'
export type { ClientInfo } from './handshake.ts'
export type { SeqRange } from './message-sequence.ts'
export { createSceneView } from './scene-view.ts'
export type { SceneClosed, SceneView, SceneViewChange, SceneViewOptions } from './scene-view-options.ts'
export type { OpenWebSocket, WebSocketLike } from './websocket/web-socket.ts'
