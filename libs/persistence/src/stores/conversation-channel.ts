/** The channel in which two roles talk, whichever of them is named first. */
export const conversationChannel = (a: string, b: string): string =>
  a < b ? `private-${a}.${b}` : `private-${b}.${a}`

/** The two roles that talk in a channel; `undefined`: it is no conversation. */
export function rolesOfConversation(channel: string): readonly [string, string] | undefined {
  const [, one, other] = /^private-([^.]+)\.([^.]+)$/.exec(channel) ?? []
  return one === undefined || other === undefined ? undefined : [one, other]
}

/**
 * Both names that {@link conversationChannel} can give, for scripts: only one of them is in use, and which one, Lua
 * cannot tell, because it compares as the server's locale says.
 */
export const luaConversationChannels = `
local function conversation_channels(a, b) return 'private-' .. a .. '.' .. b, 'private-' .. b .. '.' .. a end
`
