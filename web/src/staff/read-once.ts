/** Of a query that reads nothing again by itself: each reading is written down, or what is typed must not be taken away by an answer that comes unasked. */
export const READ_ONCE = { refetchOnWindowFocus: false, refetchOnReconnect: false, staleTime: Infinity };

/** The same of what is forgotten when it is off the screen, and read anew when it is shown again. */
export const READ_ONCE_SHOWN = { ...READ_ONCE, gcTime: 0 };
