/** Group and version of every kind. */
export const apiVersion = 'fairlead.dev/v1alpha1';
