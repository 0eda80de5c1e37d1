#include "model_transport.h"

#include <utility>

namespace simulate {
namespace {

using namespace hydra_clients;
using Kind = hydra::TransportError::Kind;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kHydrasFault = R"({"error":"error","error_description":"The error is unrecognizable"})";

tl::unexpected<hydra::TransportError> failed(Kind kind, bool mayHaveArrived) {
  return tl::unexpected(hydra::TransportError{kind, mayHaveArrived, "the simulated connection failed"});
}

hydra::Response json(int status, std::string body) {
  hydra::Response response;
  response.status = status;
  response.headers.contentType = "application/json; charset=utf-8";
  response.body = std::move(body);
  return response;
}

hydra::Response page(int status) {
  hydra::Response response;
  response.status = status;
  response.headers.contentType = "text/html";
  response.body = "<html><body><h1>not Hydra's</h1></body></html>";
  return response;
}

bool isList(const hydra::Request& request) {
  return request.method == hydra::Method::kGet && request.target.find("/clients?") != std::string::npos;
}

bool isFurtherPage(const hydra::Request& request) {
  return isList(request) && request.target.find("page_token=") != std::string::npos;
}

std::string nameOf(const hydra::Request& request) {
  return std::string(hydra::nameOf(request.method)) + " " + request.target;
}

}  // namespace

void ModelTransport::travel() {
  sides_.scheduler.sleep(microseconds(sides_.scheduler.chance().between(50, 5'000)));
}

ModelTransport::Fault ModelTransport::pick(const hydra::Request& request) {
  Chance& chance = sides_.scheduler.chance();
  const FaultRates& rates = sides_.settings.faults;
  if (sides_.scheduler.now() >= sides_.settings.quietAt) return Fault::kNone;
  const bool isWatch = request.target.find("metrics") != std::string::npos;
  if (isWatch && !sides_.settings.watchFails) return Fault::kNone;
  const bool post = request.method == hydra::Method::kPost;
  if (chance.permille(rates.notSent)) return Fault::kNotSent;
  if (chance.permille(rates.cut)) return chance.coin() ? Fault::kCutBefore : Fault::kCutAfter;
  if (chance.permille(rates.internal)) return chance.coin() ? Fault::kInternalBefore : Fault::kInternalAfter;
  if (post && chance.permille(rates.late)) return chance.coin() ? Fault::kLate : Fault::kLateGateway;
  if (chance.permille(rates.lost)) return Fault::kLost;
  if (chance.permille(rates.busy)) {
    const auto which = chance.between(0, post ? 2 : 1);
    return which == 0 ? Fault::kTooMany : which == 1 ? Fault::kUnavailable : Fault::kConcurrentUpdate;
  }
  // Half a number would be another process's start time.
  if (!isWatch && chance.permille(rates.garbled)) return Fault::kGarbled;
  if (chance.permille(rates.foreign)) return Fault::kForeign;
  if (post && chance.permille(rates.refused)) return Fault::kRefused;
  if (isList(request) && chance.permille(rates.list))
    return isFurtherPage(request) && chance.coin() ? Fault::kTokenEnded : Fault::kPoisonedPage;
  return Fault::kNone;
}

ModelTransport::Answer ModelTransport::send(const hydra::Request& request) {
  const int process = sides_.hydra.process();
  if (cancelled_ || isDead_()) return failed(Kind::kCancelled, false);
  if (eavesdropper_.sent) eavesdropper_.sent(request);
  const Fault fault = pick(request);
  Answer answer = pass(request, fault);
  // A process that ended meanwhile ended its connections too.
  const bool survived = sides_.hydra.isUp() && sides_.hydra.process() == process;
  if (!survived && (answer || answer.error().mayHaveArrived)) answer = failed(Kind::kClosed, true);
  if (isDead_()) return failed(Kind::kCancelled, true);
  const bool arrived = answer || answer.error().mayHaveArrived;
  const std::string told = answer ? std::to_string(answer->status) : arrived ? "no answer" : "not sent";
  sides_.history.note(
      replica_, nameOf(request) + ": " + told +
                    (fault == Fault::kNone ? "" : ", fault " + std::to_string(static_cast<int>(fault))));
  if (eavesdropper_.ended) {
    const bool doubt = !answer ? arrived : answer->status >= 500 || fault == Fault::kGarbled;
    eavesdropper_.ended(request, {answer ? answer->status : 0, doubt}, answer ? &*answer : nullptr);
  }
  return answer;
}

ModelTransport::Answer ModelTransport::pass(const hydra::Request& request, Fault fault) {
  travel();
  if (fault == Fault::kNotSent || !sides_.hydra.isUp()) return failed(Kind::kConnect, false);
  switch (fault) {
    case Fault::kCutBefore:
      return failed(Kind::kClosed, true);
    case Fault::kLost:
      sides_.scheduler.sleep(Settings::kTimeout);
      return failed(Kind::kTimeout, true);
    case Fault::kLate:
      doLater(request);
      sides_.scheduler.sleep(Settings::kTimeout);
      return failed(Kind::kTimeout, true);
    case Fault::kLateGateway:
      doLater(request);
      return page(sides_.scheduler.chance().coin() ? 504 : 502);
    case Fault::kNone:
    case Fault::kCutAfter:
    case Fault::kInternalAfter:
    case Fault::kGarbled:
      break;
    default:
      return instead(request, fault);
  }
  hydra::Response response = sides_.hydra.answer(request, replica_);
  travel();
  if (fault == Fault::kCutAfter) return failed(Kind::kClosed, true);
  if (fault == Fault::kInternalAfter) return json(500, kHydrasFault);
  // Half of an error is not Hydra's: that is another fault, kForeign.
  if (fault == Fault::kGarbled && response.status < 300) response.body.resize(response.body.size() / 2);
  return response;
}

ModelTransport::Answer ModelTransport::instead(const hydra::Request& request, Fault fault) {
  Chance& chance = sides_.scheduler.chance();
  switch (fault) {
    case Fault::kTooMany:
    case Fault::kUnavailable: {
      hydra::Response response = json(fault == Fault::kTooMany ? 429 : 503, kHydrasFault);
      if (chance.coin()) response.headers.retryAfter = std::to_string(chance.between(1, 10));
      return response;
    }
    case Fault::kConcurrentUpdate:
      return json(400,
                  R"({"error":"Unable to serialize access due to a concurrent update in another session",)"
                  R"("error_description":""})");
    case Fault::kForeign:
      return page(chance.coin() ? 403 : 404);
    case Fault::kRefused:
      return json(400, R"({"error":"invalid_client_metadata","error_description":"not this one"})");
    case Fault::kTokenEnded:
      return json(400, R"({"error":"The request was malformed or contained invalid parameters",)"
                       R"("error_description":"invalid page token"})");
    default:
      (void)request;
      return json(500, kHydrasFault);
  }
}

void ModelTransport::doLater(const hydra::Request& request) {
  Scheduler& scheduler = sides_.scheduler;
  const auto latest = static_cast<std::uint64_t>(milliseconds(Settings::kLatest).count());
  const Moment when = scheduler.now() + milliseconds(scheduler.chance().between(1, latest));
  scheduler.at(when, [sides = sides_, replica = replica_, process = sides_.hydra.process(), request] {
    if (!sides.hydra.isUp() || sides.hydra.process() != process) return;
    sides.history.note(replica, "a late POST is carried out");
    (void)sides.hydra.answer(request, replica);
  });
}

}  // namespace simulate
