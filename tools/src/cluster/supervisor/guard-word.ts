/** The last argument of the supervisor's program when it is started as the guard. */
export const guardWord = 'guard'
