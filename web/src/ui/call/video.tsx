import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

/** A stream on the screen. Where the browser wants a touch before it plays sound, a button asks for it. */
export function Video({ stream, label, muted = false, className }: { stream: MediaStream | undefined; label: string; muted?: boolean; className: string }) {
  const { t } = useLingui();
  const element = useRef<HTMLVideoElement>(null);
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    const video = element.current;
    if (!video) return;
    video.srcObject = stream ?? null;
    if (!stream) return;
    video.play().then(() => { setRefused(false); }, (error: unknown) => {
      setRefused(error instanceof DOMException && error.name === "NotAllowedError");
    });
  }, [stream]);
  return (
    <div className={className}>
      {/* A live conversation has no caption file; the written channel stands beside it. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <video ref={element} autoPlay playsInline muted={muted} aria-label={label} />
      {refused ? (
        <button type="button" className="button button-solid video-start" onClick={() => {
          void element.current?.play().then(() => { setRefused(false); });
        }}>
          {t`音と映像を出す`}
        </button>
      ) : null}
    </div>
  );
}
