// The package points its typings at TypeScript sources that do not compile under our settings; this is the part of
// them that tests use, written off lib/protocol.ts of pinus-protocol 1.7.4.
declare module 'pinus-protocol' {
  interface DecodedPackage {
    readonly type: number
    /** `null` for an empty body. */
    readonly body: Uint8Array | null
  }

  interface DecodedMessage {
    /** 0 for kinds without an id. */
    readonly id: number
    readonly type: number
    readonly compressRoute: 0 | 1
    /** `null` for kinds without a route. */
    readonly route: string | number | null
    readonly body: Uint8Array
    readonly compressGzip: 0 | 1
  }

  export const Package: {
    encode(type: number, body?: Uint8Array): Uint8Array
    /** One package as it is, several as an array; an invalid one lacks `body`. */
    decode(bytes: Uint8Array): DecodedPackage | DecodedPackage[]
  }

  export const Message: {
    encode(
      id: number,
      type: number,
      compressRoute: boolean,
      route: number | string,
      body: Uint8Array,
    ): Uint8Array
    decode(bytes: Uint8Array): DecodedMessage
  }
}
