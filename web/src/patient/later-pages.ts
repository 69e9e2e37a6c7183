/** What is fetched together once somebody looks at times or at a booking. */
export { BookFlow } from "./book/flow";
export { BookingList } from "./bookings/booking-list";
export { BookingPage } from "./bookings/booking-page";
export { CancelPage } from "./bookings/cancel-page";
export { ChangePage } from "./bookings/change-page";
export { SeriesPage } from "./bookings/series-page";
export { WaitPage } from "./wait/wait-page";
