/** Front doors of this panel. Sallyport records which one asks. */
export const panel = 'panel';
export const emergencyService = 'emergency-service';

/** The emergency service is an application of its own: what opens one door doesn't open the other. */
export const applicationOf = (path: string) => (path.startsWith('/emergency') ? emergencyService : panel);
