import { serializers, type Serializer } from '@hydra/protocol'

/** One way to write a push: each connection gets exactly one of them. */
export interface PushVariant {
  readonly serializer: Serializer
  /** Whether the route travels as its code of the dictionary. */
  readonly coded: boolean
  /** Whether a body that gains by it is compressed. */
  readonly compressed: boolean
}

/** All ways in which a push may have to be written. */
export const pushVariants: readonly PushVariant[] = serializers.flatMap((serializer) => [
  { serializer, coded: false, compressed: false },
  { serializer, coded: true, compressed: false },
  { serializer, coded: false, compressed: true },
  { serializer, coded: true, compressed: true },
])

/** The transport's topic for those members of a cluster topic that read this variant. A session is one too. */
export const nativeTopic = (topic: string, { serializer, coded, compressed }: PushVariant): string =>
  `${topic}/${serializer}/${coded ? 'code' : 'name'}${compressed ? '/zlib' : ''}`
