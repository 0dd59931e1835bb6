import type { EventContract } from '../define-event.ts'
import type {
  AnyRoute,
  ContextByAuth,
  HandlerTable,
  Push,
  Route,
  RouteName,
  Service,
} from '../define-route.ts'
import * as chatAlliance from './chat/alliance.ts'
import * as chatAllianceMembers from './chat/alliance-members.ts'
import * as chatAllianceRequests from './chat/alliance-requests.ts'
import * as chatAllianceServices from './chat/alliance-services.ts'
import * as chatChannel from './chat/channel.ts'
import * as chatModeration from './chat/moderation.ts'
import * as chatMute from './chat/mute.ts'
import * as chatPresence from './chat/presence.ts'
import * as chatSystem from './chat/system.ts'
import * as chatTeam from './chat/team.ts'
import * as gameBag from './game/bag.ts'
import * as gameDaily from './game/daily.ts'
import * as gameEvents from './game/events.ts'
import * as gameRole from './game/role.ts'
import * as gameScene from './game/scene.ts'
import * as gameSettings from './game/settings.ts'
import * as gameTeam from './game/team.ts'
import * as gameWallet from './game/wallet.ts'
import * as gateAccount from './gate/account.ts'
import * as gateEvents from './gate/events.ts'
import * as gateServer from './gate/server.ts'
import * as gateSession from './gate/session.ts'
import * as gateTopic from './gate/topic.ts'
import { indexUnique } from './index-unique.ts'

/**
 * Every contract, reachable by its own name: the route `chat.channel.send` is `routes.chat.channel.send`.
 *
 * @example await client.request(routes.game.role.create, { name: 'Ada' })
 */
export const routes = Object.freeze({
  gate: {
    session: {
      login: gateSession.login,
      renew: gateSession.renew,
      logout: gateSession.logout,
      kick: gateSession.kick,
      update: gateSession.update,
      get: gateSession.get,
      present: gateSession.present,
    },
    account: { kick: gateAccount.kick, ban: gateAccount.ban },
    topic: { join: gateTopic.join, leave: gateTopic.leave },
  },
  game: {
    role: {
      list: gameRole.list,
      create: gameRole.create,
      enter: gameRole.enter,
      rename: gameRole.rename,
      get: gameRole.get,
      ping: gameRole.ping,
      leave: gameRole.leave,
    },
    settings: { get: gameSettings.get, set: gameSettings.set },
    bag: { get: gameBag.get, move: gameBag.move, use: gameBag.use, sell: gameBag.sell },
    daily: { get: gameDaily.get, claim: gameDaily.claim },
    scene: {
      enter: gameScene.enter,
      leave: gameScene.leave,
      move: gameScene.move,
      travel: gameScene.travel,
      attack: gameScene.attack,
      pick: gameScene.pick,
      resync: gameScene.resync,
    },
    team: {
      create: gameTeam.create,
      get: gameTeam.get,
      invite: gameTeam.invite,
      uninvite: gameTeam.uninvite,
      accept: gameTeam.accept,
      decline: gameTeam.decline,
      apply: gameTeam.apply,
      cancel: gameTeam.cancel,
      approve: gameTeam.approve,
      reject: gameTeam.reject,
      leave: gameTeam.leave,
      kick: gameTeam.kick,
      handOver: gameTeam.handOver,
      disband: gameTeam.disband,
    },
    wallet: {
      get: gameWallet.get,
      ledger: gameWallet.ledger,
      hold: gameWallet.hold,
      settle: gameWallet.settle,
      release: gameWallet.release,
    },
  },
  chat: {
    channel: {
      send: chatChannel.send,
      history: chatChannel.history,
      join: chatChannel.join,
      list: chatChannel.list,
      read: chatChannel.read,
      delete: chatChannel.del,
      post: chatChannel.post,
    },
    mute: { add: chatMute.add, remove: chatMute.remove, list: chatMute.list },
    presence: {
      get: chatPresence.get,
      watch: chatPresence.watch,
      unwatch: chatPresence.unwatch,
      enter: chatPresence.enter,
      update: chatPresence.update,
      leave: chatPresence.leave,
    },
    alliance: {
      create: chatAlliance.create,
      get: chatAlliance.get,
      mine: chatAlliance.mine,
      search: chatAlliance.search,
      members: chatAllianceMembers.members,
      apply: chatAllianceRequests.apply,
      cancel: chatAllianceRequests.cancel,
      applications: chatAllianceRequests.applications,
      approve: chatAllianceRequests.approve,
      reject: chatAllianceRequests.reject,
      invite: chatAllianceRequests.invite,
      uninvite: chatAllianceRequests.uninvite,
      requests: chatAllianceRequests.requests,
      accept: chatAllianceRequests.accept,
      decline: chatAllianceRequests.decline,
      leave: chatAllianceMembers.leave,
      kick: chatAllianceMembers.kick,
      promote: chatAllianceMembers.promote,
      demote: chatAllianceMembers.demote,
      handOver: chatAllianceMembers.handOver,
      update: chatAlliance.update,
      disband: chatAlliance.disband,
      log: chatAlliance.log,
      setLevel: chatAllianceServices.setLevel,
      outcome: chatAllianceServices.outcome,
    },
    moderation: { silence: chatModeration.silence, deleteMessage: chatModeration.deleteMessage },
    system: { announce: chatSystem.announce },
    team: { update: chatTeam.update },
  },
})

/** Every push by its own name. @example client.on(pushes.chat.channel.message, (message) => …) */
export const pushes = Object.freeze({
  gate: { server: { draining: gateServer.draining } },
  game: {
    role: { rewarded: gameRole.rewarded },
    daily: { reset: gameDaily.reset },
    scene: {
      delta: gameScene.delta,
      view: gameScene.view,
      beat: gameScene.beat,
      closed: gameScene.closed,
    },
    team: { changed: gameTeam.changed, invited: gameTeam.invited, answered: gameTeam.answered },
  },
  chat: {
    channel: { message: chatChannel.message, deleted: chatChannel.deleted },
    presence: { changed: chatPresence.changed },
    alliance: { changed: chatAlliance.changed, answered: chatAllianceRequests.answered },
  },
})

/** Every event between services by its own name. */
export const events = Object.freeze({
  gate: { session: { bound: gateEvents.bound, closed: gateEvents.closed } },
  game: {
    role: {
      created: gameEvents.roleCreated,
      entered: gameEvents.roleEntered,
      renamed: gameEvents.roleRenamed,
      levelChanged: gameEvents.roleLevelChanged,
      left: gameEvents.roleLeft,
    },
  },
})

type ValuesOf<T> = T[keyof T]
type AllRoutes = ValuesOf<{
  [S in keyof typeof routes]: ValuesOf<{ [F in keyof (typeof routes)[S]]: ValuesOf<(typeof routes)[S][F]> }>
}>

/** The union of all contracts that `S` owns, internal ones included. */
export type RoutesOf<S extends Service> = Extract<AllRoutes, { name: `${S}.${string}` }>

/**
 * The handlers that service `S` must provide. `Contexts` says what each is given, see `ServiceHandlers` of libs/rpc.
 *
 * @example const handlers: ServiceHandlers<'chat'> = { 'chat.channel.send': async (context, body) => … }
 */
export type HandlersOf<S extends Service, Contexts extends ContextByAuth> = HandlerTable<
  RoutesOf<S>,
  Contexts
>

const flatten = <T>(tree: Readonly<Record<string, Readonly<Record<string, object>>>>): T[] =>
  Object.values(tree).flatMap((features) =>
    Object.values(features).flatMap((feature) => Object.values(feature) as T[]),
  )

/** All contracts that a server answers. */
export const allRoutes: readonly AnyRoute[] = Object.freeze(flatten<AnyRoute>(routes))
/** The contracts that clients may call. */
export const publicRoutes: readonly Route[] = Object.freeze(allRoutes.filter((route) => !route.internal))
/** All pushes. */
export const allPushes: readonly Push[] = Object.freeze(flatten<Push>(pushes))

/** All events. */
export const allEvents: readonly EventContract[] = Object.freeze(flatten<EventContract>(events))

/** The route dictionary that a handshake offers: name → code, for routes and pushes. */
export const routeDictionary: Readonly<Record<string, number>> = Object.freeze(
  Object.fromEntries([...publicRoutes, ...allPushes].map(({ name, code }) => [name, code])),
)

const byName = indexUnique(allRoutes, (route) => route.name)
const byCode = indexUnique<Route | Push>([...publicRoutes, ...allPushes], (contract) => contract.code)
indexUnique<{ name: string }>([...allRoutes, ...allPushes], (contract) => contract.name)

/** The contract of a name that arrived over a wire, if there is one. */
export const routeByName = (name: string): AnyRoute | undefined => byName.get(name as RouteName)
/** The route or push that a code stands for, if there is one. */
export const contractByCode = (code: number): Route | Push | undefined => byCode.get(code)
