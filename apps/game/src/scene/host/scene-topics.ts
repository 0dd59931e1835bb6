/** How the topics of all cells of all scenes begin. */
export const sceneTopics = 'scene-'

/** The topic of a cell: what changes in it is published there. */
export const cellTopic = (key: number, cell: number): string => `${sceneTopics}${key.toString(36)}-${cell}`
