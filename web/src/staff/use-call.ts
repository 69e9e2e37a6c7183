export { useCall } from "../ui/use-call";
