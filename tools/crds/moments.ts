const time = '([01][0-9]|2[0-3]):[0-5][0-9]';
const form = `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T${time}(:[0-5][0-9]([.][0-9]+)?)?(Z|[+-]${time})$`;
const tooLong = '^.{5}(02-3|(04|06|09|11)-31)';
/** Divisible by 4, not by 100 but by 400. */
const leapYear = '^([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-';

/** CEL: whether a text is a moment of the calendar. Its own `timestamp` wants seconds, and fails without a sentence. */
export const isMoment = [
  `self.matches('${form}')`,
  `!self.matches('${tooLong}')`,
  `(!self.matches('^.{5}02-29') || self.matches('${leapYear}'))`,
].join(' && ');
