/**
 * Everything between servers: the bus, the registry, calls, events and topics. The only library that knows NATS and
 * etcd.
 *
 * @module
 */
export type { Bus, BusListener, BusSubscription, PublishOptions, SubscribeOptions } from './bus/bus.ts'
export { createMemoryBus } from './bus/memory-bus.ts'
export type { MemoryBusOptions } from './bus/memory-bus.ts'
export { connectNatsBus } from './bus/nats-bus.ts'
export type { NatsBusOptions } from './bus/nats-bus.ts'
export { clusterConfigSchema } from './cluster-config.ts'
export type { ClusterConfig } from './cluster-config.ts'
export { createMemoryCluster, openCluster } from './cluster.ts'
export type { ClusterDrivers, OpenClusterDeps, OpenedCluster } from './cluster.ts'
export { createRpcPeer } from './peer/create-peer.ts'
export type { RefusedCall } from './peer/call-dispatcher.ts'
export type { RpcPeerOptions } from './peer/create-peer.ts'
export type {
  CallEnd,
  CallInterceptor,
  HandlerInterceptor,
  IncomingCall,
  Interceptors,
  OutgoingCall,
} from './peer/interceptors.ts'
export type { RoutedTarget, Router, Routers } from './peer/pick-server.ts'
export type {
  CallContext,
  CallOptions,
  ClientCallContext,
  Contexts,
  ForwardedReply,
  ForwardedRequest,
  ForwardListener,
  RpcPeer,
  ServiceHandlers,
  Target,
  TopicMessage,
  TopicOrder,
} from './peer.ts'
export { openEtcdRegistry } from './registry/etcd-registry.ts'
export type { EtcdRegistryOptions } from './registry/etcd-registry.ts'
export { createMemoryRegistry, MemoryRegistryHub } from './registry/memory-registry.ts'
export type { MemoryRegistryOptions } from './registry/memory-registry.ts'
export { internalProtocol } from './registry/registry.ts'
export type { Announcement, Registry, RegistryEvent, ServerRecord } from './registry/registry.ts'
export { defaultRpcLimits, rpcLimitsSchema } from './peer/rpc-limits.ts'
export type { RpcLimits } from './peer/rpc-limits.ts'
export type { RoleSession, SessionIdentity, SessionUpdate, UserSession } from './session-identity.ts'
export { createTopicMembers } from './topics/create-topic-members.ts'
export type { TopicMembersOptions } from './topics/create-topic-members.ts'
export type { DeliverTopic, TopicMembers } from './topics/topic-members.ts'
