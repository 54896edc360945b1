/** Style sheets are imported for the bundle only; they export nothing. */
declare module '*.css';
