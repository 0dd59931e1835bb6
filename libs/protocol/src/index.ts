/**
 * The wire format, the contracts of all routes and pushes, error codes and limits.
 * Runs in browsers; depends on zod and msgpackr only.
 *
 * @module
 */
export { accountEndpoints, accountToken, credentials, serverList, username } from './account.ts'
export type { AccountEndpoint, AccountToken, Credentials, ServerList } from './account.ts'
export { defineEvent } from './define-event.ts'
export type { EventContract } from './define-event.ts'
export { defineInternal, definePush, defineRoute, serviceOf, services } from './define-route.ts'
export type {
  AnyRoute,
  ContextByAuth,
  HandlerTable,
  InternalRoute,
  ParsedRequestOf,
  PayloadOf,
  Push,
  RequestOf,
  ResponseOf,
  Route,
  RouteAuth,
  RouteName,
  Service,
} from './define-route.ts'
export { disconnectReason, disconnectReasons } from './disconnect-reasons.ts'
export type { DisconnectReason } from './disconnect-reasons.ts'
export { errorCodes, isErrorCode } from './error-codes.ts'
export type { ErrorCode, ErrorCodeInfo } from './error-codes.ts'
export { badRequest, errorBodySchema, HydraError } from './hydra-error.ts'
export type { ErrorBody, ErrorMetadata } from './hydra-error.ts'
export { limits } from './limits.ts'
export { allianceEventKinds, alliancePolicies, allianceRanks } from './routes/chat/alliance-views.ts'
export type {
  AllianceEvent,
  AllianceEventKind,
  AllianceMember,
  AlliancePolicy,
  AllianceRank,
  AllianceRequest,
  AllianceView,
} from './routes/chat/alliance-views.ts'
export { channelKinds, chatMessage } from './routes/chat/channel.ts'
export type { ChannelKind, ChatMessage } from './routes/chat/channel.ts'
export type { PresenceState } from './routes/chat/presence.ts'
export { itemStack } from './routes/game/bag.ts'
export type { ItemStack } from './routes/game/bag.ts'
export { roleSummary, roleView } from './routes/game/role.ts'
export type { RoleSummary, RoleView } from './routes/game/role.ts'
export { sceneInfo } from './routes/game/scene.ts'
export type { SceneBeat, SceneDelta, SceneInfo, SceneViewPush } from './routes/game/scene.ts'
export { roleSettings, roleSettingsChange } from './routes/game/settings.ts'
export type { RoleSettings, RoleSettingsChange } from './routes/game/settings.ts'
export { teamMember, teamView } from './routes/game/team-views.ts'
export type { TeamMember, TeamView } from './routes/game/team-views.ts'
export { ledgerEntry, ledgerReasons } from './routes/game/wallet.ts'
export type { LedgerEntry } from './routes/game/wallet.ts'
export { sessionData, sessionDataChange } from './routes/gate/session.ts'
export type { SessionData, SessionDataChange } from './routes/gate/session.ts'
export { topicsPerCallMax } from './routes/gate/topic.ts'
export {
  allEvents,
  allPushes,
  allRoutes,
  contractByCode,
  events,
  publicRoutes,
  pushes,
  routeByName,
  routeDictionary,
  routes,
} from './routes/index.ts'
export type { HandlersOf, RoutesOf } from './routes/index.ts'
export { operation, tableId } from './routes/shared.ts'
export { cellDigest } from './scene/cell-digest.ts'
export { entityId, sceneAction, sceneChange, sceneEntity, scenePoint } from './scene/entity.ts'
export type { SceneAction, SceneChange, SceneEntity, ScenePoint } from './scene/entity.ts'
export { applySceneChange, sceneChangeBetween } from './scene/scene-change.ts'
export { countGraphemes, plainText } from './text.ts'
export type { PlainTextOptions } from './text.ts'
export { bodyCodec, isSerializer, serializers } from './wire/body.ts'
export type { BodyCodec, Serializer } from './wire/body.ts'
export { handshakeCode, handshakeRequest, handshakeResponse, kickBody } from './wire/handshake.ts'
export type { HandshakeRequest, HandshakeResponse, KickBody } from './wire/handshake.ts'
export { decodeMessageId, encodeMessageId } from './wire/message-id.ts'
export { decodeMessage, encodeMessage, encodeMessagePacket } from './wire/message.ts'
export type { Message, RouteRef } from './wire/message.ts'
export { decodePacket, encodePacket, packetHeaderBytes, packetType, readPacketHeader } from './wire/packet.ts'
export type { Packet, PacketType } from './wire/packet.ts'
export { PacketReader } from './wire/packet-reader.ts'
