using LibGit2Sharp;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>Gives libgit2 the requests of git's smart HTTP protocol over an <see cref="HttpSession"/>.</summary>
internal sealed class HttpSubtransport : RpcSmartSubtransport
{
    protected override SmartSubtransportStream Action(string url, GitSmartSubtransportAction action)
    {
        var session = HttpSession.Of(url);
        return action switch
        {
            GitSmartSubtransportAction.UploadPackList => new Exchange(this, session, () => session.GetReferences("git-upload-pack")),
            GitSmartSubtransportAction.ReceivePackList => new Exchange(this, session, () => session.GetReferences("git-receive-pack")),
            GitSmartSubtransportAction.UploadPack => new Exchange(this, session, isPush: false),
            GitSmartSubtransportAction.ReceivePack => new Exchange(this, session, isPush: true),
            _ => throw new NotSupportedException($"libgit2 asked for {action}."),
        };
    }

    /// <summary>One request and its answer: libgit2 writes all of the first before it reads the second.</summary>
#pragma warning disable CA1001 // libgit2 owns it, and ends it by calling Free.
    private sealed class Exchange : SmartSubtransportStream
#pragma warning restore CA1001
    {
        private readonly HttpSession _session;
        private readonly Func<HttpResponseMessage> _send;
        private readonly FileStream? _request;
        private readonly bool _isPush;
        private readonly byte[] _buffer = new byte[64 * 1024];
        private HttpResponseMessage? _response;
        private Stream? _body;

        public Exchange(SmartSubtransport transport, HttpSession session, Func<HttpResponseMessage> send)
            : base(transport)
        {
            _session = session;
            _send = send;
        }

        public Exchange(SmartSubtransport transport, HttpSession session, bool isPush)
            : base(transport)
        {
            _session = session;
            _isPush = isPush;
            // On disk: a push may be large, and many servers want to know its length beforehand.
            _request = new FileStream(
                session.NewRequestFile(),
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.None,
                _buffer.Length,
                FileOptions.DeleteOnClose);
            _send = () =>
            {
                _request.Position = 0;
                return isPush
                    ? session.Post("git-receive-pack", _request)
                    : session.Post("git-upload-pack", session.Depth is { } depth ? ShallowFetch.LimitDepth(_request, depth) : _request);
            };
        }

        public override int Write(Stream dataStream, long length) => Run(() =>
        {
            dataStream.CopyTo(_request ?? throw new InvalidOperationException("A list of references takes no request."));
            return 0;
        });

        public override int Read(Stream dataStream, long length, out long bytesRead)
        {
            bytesRead = Run(() =>
            {
                var body = _body ??= Open();
                var wanted = (int)Math.Min(length, _buffer.Length);
                var count = _session.Guard(token => body.ReadAsync(_buffer, 0, wanted, token));
                dataStream.Write(_buffer, 0, count);
                if (_isPush) _session.Words.Add(_buffer.AsSpan(0, count));
                return count;
            });
            return 0;
        }

        protected override void Free()
        {
            _body?.Dispose();
            _response?.Dispose();
            _request?.Dispose();
            base.Free();
        }

        private Stream Open()
        {
            _response = _send();
            var body = _session.Guard(token => _response.Content.ReadAsStreamAsync(token));
            if (_request is not null && !_isPush && _session.Depth is not null)
                _session.Boundary = _session.Guard(token => ShallowFetch.ReadBoundaryAsync(body, token));
            return body;
        }

        private T Run<T>(Func<T> work)
        {
            try
            {
                return work();
            }
            catch (Exception e)
            {
                _session.Fault = e;
                throw;
            }
        }
    }
}
