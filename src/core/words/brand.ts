declare const brand: unique symbol;

/** A primitive that only its own validated constructor may make, so that ids of different things cannot be mixed. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
